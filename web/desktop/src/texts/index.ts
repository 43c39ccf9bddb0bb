/** The language of the screens: Chinese unless switched; every text comes from the two tables. */
import elementEn from 'element-plus/es/locale/lang/en'
import elementZh from 'element-plus/es/locale/lang/zh-cn'
import { computed, ref } from 'vue'
import { en } from './en'
import { zh } from './zh'

export type Language = 'zh' | 'en'

const KEY = 'hotline.language'

export const language = ref<Language>(localStorage.getItem(KEY) === 'en' ? 'en' : 'zh')
export const T = computed(() => (language.value === 'en' ? en : zh))
export const elementLocale = computed(() => (language.value === 'en' ? elementEn : elementZh))

export function switchLanguage(): void {
  language.value = language.value === 'zh' ? 'en' : 'zh'
  localStorage.setItem(KEY, language.value)
  document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en'
}

/** Choose from a text that the server gives in both languages. */
export function pick(text: { zh: string; en: string } | null | undefined): string {
  if (!text) return ''
  return (language.value === 'en' ? text.en : text.zh) || text.zh || text.en
}
