import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TypeAhead } from '@/shared/typeAhead'

const asked: string[] = []
const shown: [string, string | null][] = []
const answers = new Map<string, (found: string | Error) => void>()

function search(text: string): Promise<string> {
  asked.push(text)
  return new Promise((resolve, reject) =>
    answers.set(text, (found) => (found instanceof Error ? reject(found) : resolve(found))),
  )
}

const answer = async (text: string, found: string | Error = `of ${text}`) => {
  answers.get(text)!(found)
  await vi.advanceTimersByTimeAsync(0)
}
const ahead = () => new TypeAhead<string>(search, (text, found) => shown.push([text, found]))

describe('looking up what is typed', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    for (const list of [asked, shown]) list.length = 0
  })
  afterEach(() => vi.useRealTimers())

  it('waits until the fingers rest', async () => {
    const typing = ahead()
    for (const text of ['停', '停水', '停水了', '停水了吗']) {
      typing.want(text)
      await vi.advanceTimersByTimeAsync(100)
    }
    expect(asked).toEqual([])
    await vi.advanceTimersByTimeAsync(300)
    expect(asked).toEqual(['停水了吗'])
    await answer('停水了吗')
    expect(shown.at(-1)).toEqual(['停水了吗', 'of 停水了吗'])
  })

  it('does not wait for ever while somebody types on and on', async () => {
    const typing = ahead()
    for (let length = 2; length < 22; length++) {
      typing.want('水'.repeat(length))
      await vi.advanceTimersByTimeAsync(100)
    }
    expect(asked.length).toBe(1)
  })

  it('has one request under way, however much is typed meanwhile, and shows the newest alone', async () => {
    const typing = ahead()
    typing.want('停水')
    await vi.advanceTimersByTimeAsync(400)
    for (const text of ['停水两', '停水两天', '停水两天了']) {
      typing.want(text)
      await vi.advanceTimersByTimeAsync(400)
    }
    expect(asked).toEqual(['停水'])
    await answer('停水')
    expect(shown).toEqual([])
    await vi.advanceTimersByTimeAsync(400)
    expect(asked).toEqual(['停水', '停水两天了'])
    await answer('停水两天了')
    expect(shown).toEqual([['停水两天了', 'of 停水两天了']])
  })

  it('asks nothing for less than two characters or for the same again', async () => {
    const typing = ahead()
    typing.want('水')
    typing.want('')
    await vi.advanceTimersByTimeAsync(2000)
    expect(asked).toEqual([])
    expect(shown.at(-1)).toEqual(['', null])
    typing.want('停水')
    await vi.advanceTimersByTimeAsync(400)
    await answer('停水')
    typing.want('停水')
    await vi.advanceTimersByTimeAsync(2000)
    expect(asked).toEqual(['停水'])
  })

  it('shows nothing when the search fails, and goes on', async () => {
    const typing = ahead()
    typing.want('停水')
    await vi.advanceTimersByTimeAsync(400)
    await answer('停水', new Error('offline'))
    expect(shown).toEqual([['停水', null]])
    typing.want('停电')
    await vi.advanceTimersByTimeAsync(400)
    await answer('停电')
    expect(shown.at(-1)).toEqual(['停电', 'of 停电'])
  })

  it('is quiet once it is stopped', async () => {
    const typing = ahead()
    typing.want('停水')
    typing.stop()
    await vi.advanceTimersByTimeAsync(2000)
    expect(asked).toEqual([])
  })
})
