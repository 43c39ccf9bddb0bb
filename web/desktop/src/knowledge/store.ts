/** What the knowledge base has for the ticket beside the call, or for what is typed into its own box. */
import { ElMessage } from 'element-plus'
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { api } from '@/api/hotline'
import { attempt } from '@/shared/problems'
import { TypeAhead } from '@/shared/typeAhead'
import { T } from '@/texts'
import { useTicket } from '@/ticket/store'
import { queryOf } from './query'
import type { Article, Found } from './types'

export const useKnowledge = defineStore('knowledge', () => {
  const ticket = useTicket()
  const typed = ref('')
  /** The query that `found` answers. */
  const asked = ref('')
  const found = shallowRef<Found | null>(null)
  const article = shallowRef<Article | null>(null)
  const busy = ref(false)

  const query = computed(() => {
    if (typed.value.trim() !== '') return typed.value.trim()
    return ticket.locked ? '' : queryOf(ticket.value('title') ?? '', ticket.value('content') ?? '')
  })
  const ahead = new TypeAhead<Found>(api.searchKnowledge, (text, answer) => {
    asked.value = text
    found.value = answer
  })
  watch(query, (text) => ahead.want(text), { immediate: true })
  watch(
    () => ticket.id,
    () => {
      typed.value = ''
      article.value = null
    },
  )

  async function open(id: number): Promise<void> {
    const fresh = await attempt(() => api.article(id))
    if (fresh) article.value = fresh
  }

  /** Take the open article as the source of the answer. Returns whether the ticket has it. */
  async function answerWith(chosen: Article): Promise<boolean> {
    const done = await record(asked.value || chosen.title, chosen.id)
    if (done) ElMessage.success(T.value.assist.taken(chosen.title))
    return done
  }

  /** The evidence that the base was searched and does not answer it. */
  async function nothingFits(): Promise<boolean> {
    const done = await record(asked.value, null)
    if (done) ElMessage.success(T.value.assist.noted)
    return done
  }

  async function record(words: string, articleId: number | null): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    try {
      return await ticket.change((id) => api.lookUpKnowledge(id, words, articleId))
    } finally {
      busy.value = false
    }
  }

  return { typed, asked, found, article, busy, query, open, answerWith, nothingFits, back: () => (article.value = null) }
})
