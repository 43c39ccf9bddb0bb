import { describe, expect, it } from 'vitest'
import { en } from '@/texts/en'
import { zh } from '@/texts/zh'

const CHINESE = /[\u3400-\u9fff\uff00-\uffef\u3000-\u303f]/

/** [path, text] of every text of a table; functions are called with their own kind of argument. */
function texts(table: object, path = ''): [string, string][] {
  return Object.entries(table).flatMap(([key, value]): [string, string][] => {
    const here = path ? `${path}.${key}` : key
    if (typeof value === 'string') return [[here, value]]
    if (typeof value === 'function') return [[here, String((value as (...all: number[]) => string)(1, 2))]]
    return texts(value as object, here)
  })
}

const sources = import.meta.glob<string>('../src/**/*.{vue,ts}', { query: '?raw', import: 'default', eager: true })

describe('the texts', () => {
  it('exist in both languages', () => {
    expect(texts(en).map(([path]) => path)).toEqual(texts(zh).map(([path]) => path))
  })

  it('leave no English on the Chinese pages', () => {
    const allowed = new Set(['app.language', 'hints.category'])
    const english = texts(zh).filter(([path, text]) => /[A-Za-z]{2,}/.test(text) && !allowed.has(path))
    expect(english).toEqual([])
  })

  it('leave no Chinese on the English pages', () => {
    const allowed = new Set(['app.language', 'hints.category'])
    expect(texts(en).filter(([path, text]) => CHINESE.test(text) && !allowed.has(path))).toEqual([])
  })

  it('use full-width punctuation between Chinese characters', () => {
    expect(texts(zh).filter(([, text]) => /[\u4e00-\u9fff][,;:()]|[,;:][\u4e00-\u9fff]/.test(text))).toEqual([])
  })

  it('stand in the two tables alone', () => {
    const strangers = Object.entries(sources)
      .filter(([path]) => !path.includes('/texts/') && !path.endsWith('api/http.ts'))
      .filter(([, source]) => CHINESE.test(withoutComments(source)))
      .map(([path]) => path)
    expect(Object.keys(sources).length).toBeGreaterThan(50)
    expect(strangers).toEqual([])
  })
})

const withoutComments = (source: string) =>
  source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '').replaceAll(/<!--[\s\S]*?-->/g, '')
