import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick, ref } from 'vue'
import { ringWithPop } from '@/phone/ringWithPop'

describe('the ring of the softphone', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('comes at once when the pop is there already, or when the call has no id', () => {
    const ring = vi.fn()
    ringWithPop('a', () => 'a', ring)
    ringWithPop('', () => null, ring)
    expect(ring).toHaveBeenCalledTimes(2)
  })

  it('waits for the pop of its own call, and comes once', async () => {
    const shown = ref<string | null>('before')
    const ring = vi.fn()
    ringWithPop('a', () => shown.value, ring)
    shown.value = 'b'
    await nextTick()
    expect(ring).not.toHaveBeenCalled()
    shown.value = 'a'
    await nextTick()
    vi.runAllTimers()
    expect(ring).toHaveBeenCalledTimes(1)
  })

  it('does not wait for ever', () => {
    const ring = vi.fn()
    ringWithPop('a', () => null, ring)
    vi.advanceTimersByTime(1000)
    expect(ring).toHaveBeenCalledTimes(1)
  })

  it('is called off when the caller was quicker', async () => {
    const shown = ref<string | null>(null)
    const ring = vi.fn()
    ringWithPop('a', () => shown.value, ring)()
    shown.value = 'a'
    await nextTick()
    vi.runAllTimers()
    expect(ring).not.toHaveBeenCalled()
  })
})
