import { describe, expect, it } from 'vitest'
import type { Category } from '@/api/types'
import { findCategories, indexCategories } from '@/ticket/categories'

const category = (code: string, parent: string | null, name: string, pinyin: string): Category => ({
  code,
  parent,
  name,
  zh: name,
  en: name,
  pinyin,
  active: true,
})

const entries = indexCategories([
  category('1', null, '消费投诉', 'xfts'),
  category('111', '1', '城市供水', 'csgs'),
  category('11101', '111', '停水', 'ts'),
  category('11103', '111', '水质', 'shui zhi'),
  category('112', '1', '供电', 'gd'),
  category('11201', '112', '停电', 'td'),
  category('301', '1', '投诉渠道', 'tsqd'),
])
const found = (query: string) => findCategories(entries, query).map((entry) => entry.name)

describe('finding a category', () => {
  it('finds by initials, the exact one first', () => {
    expect(found('ts')).toEqual(['停水', '投诉渠道'])
    expect(found('TD')).toEqual(['停电'])
  })

  it('finds by Chinese, in the name first and then in what is above it', () => {
    expect(found('停')).toEqual(['停水', '停电'])
    expect(found('供水')).toEqual(['停水', '水质'])
  })

  it('finds by the initials of the whole path and by spelt pinyin', () => {
    expect(found('csgs')).toEqual(['停水', '水质'])
    expect(found('csgsts')).toEqual(['停水'])
    expect(found('shuizhi')).toEqual(['水质'])
    expect(found('sz')).toEqual(['水质'])
  })

  it('finds by code', () => {
    expect(found('11201')).toEqual(['停电'])
  })

  it('offers only what has nothing below it, and all of that for an empty query', () => {
    expect(found('')).toEqual(['停水', '水质', '停电', '投诉渠道'])
    expect(found('没有这个')).toEqual([])
  })

  it('spells out the path', () => {
    expect(entries.find((entry) => entry.code === '11101')?.path).toBe('消费投诉 / 城市供水 / 停水')
  })
})
