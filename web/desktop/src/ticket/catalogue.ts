/** The words to choose from, loaded once per page load. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { api } from '@/api/hotline'
import type { Catalogue, Choice } from '@/api/types'
import { pick } from '@/texts'
import { indexCategories } from './categories'

export const useCatalogue = defineStore('catalogue', () => {
  const all = shallowRef<Catalogue | null>(null)
  let asked: Promise<void> | null = null

  /** Load if that has not happened; a failed load is tried again at the next call. */
  function load(): Promise<void> {
    asked ??= fetchAll()
    return asked
  }

  async function fetchAll(): Promise<void> {
    try {
      all.value = await api.catalogue()
    } catch (problem) {
      asked = null
      throw problem
    }
  }

  const categories = computed(() => indexCategories(all.value?.categories ?? []))
  const categoryName = (code: string | null | undefined) =>
    categories.value.find((entry) => entry.code === code)?.path ?? code ?? ''
  const nameOf = (list: Choice[] | undefined, code: string | null | undefined) =>
    pick(list?.find((choice) => choice.code === code)) || (code ?? '')
  const stateName = (code: string, fallback = '') => pick(all.value?.states.find((s) => s.code === code)) || fallback || code

  return { all, load, categories, categoryName, nameOf, stateName }
})
