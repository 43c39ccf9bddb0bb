import { describe, expect, it } from 'vitest'
import { queryOf } from '@/knowledge/query'

describe('the query made of a ticket', () => {
  it('is the title and the end of the content', () => {
    expect(queryOf(' 停水 ', '')).toBe('停水')
    expect(queryOf('停水', '学府路\n昨晚起')).toBe('停水 学府路 昨晚起')
    expect(queryOf('', `${'前'.repeat(500)}${'后'.repeat(110)}`)).toBe('后'.repeat(110))
  })

  it('is never longer than the server looks at', () => {
    expect(queryOf('题'.repeat(300), '文'.repeat(5000)).length).toBe(200)
  })

  it('is empty for an empty form', () => {
    expect(queryOf('', ' \n ')).toBe('')
  })
})
