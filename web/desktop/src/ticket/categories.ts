/** Finding a category by pinyin initials, pinyin, code or Chinese. Pure. */
import type { Category } from '@/api/types'

export interface CategoryEntry {
  code: string
  name: string
  /** Names from the class down: 消费投诉 / 城市供水 / 停水. */
  path: string
  top: string
  leaf: boolean
  initials: string
  /** Initials from each level of the path down: a query may begin at any of them. */
  pathInitials: string[]
  spelling: string
}

export function indexCategories(categories: Category[]): CategoryEntry[] {
  const byCode = new Map(categories.map((category) => [category.code, category]))
  const parents = new Set(categories.map((category) => category.parent))
  const line = (category: Category): Category[] => {
    const parent = category.parent ? byCode.get(category.parent) : undefined
    return parent ? [...line(parent), category] : [category]
  }
  return categories.map((category) => {
    const above = line(category)
    return {
      code: category.code,
      name: category.name,
      path: above.map((one) => one.name).join(' / '),
      top: above[0]!.name,
      leaf: !parents.has(category.code),
      initials: initials(category.pinyin),
      pathInitials: above.map((_, from) => above.slice(from).map((one) => initials(one.pinyin)).join('')),
      spelling: category.pinyin.replaceAll(/\s+/g, '').toLowerCase(),
    }
  })
}

/** Return the leaves that fit, best first; all leaves in their own order for an empty query. */
export function findCategories(entries: CategoryEntry[], query: string): CategoryEntry[] {
  const wanted = query.trim().toLowerCase().replaceAll(/\s+/g, '')
  const leaves = entries.filter((entry) => entry.leaf)
  if (wanted === '') return leaves
  return leaves
    .map((entry, order) => ({ entry, order, rank: rank(entry, wanted) }))
    .filter((found) => found.rank < Number.POSITIVE_INFINITY)
    .sort((a, b) => a.rank - b.rank || a.order - b.order)
    .map((found) => found.entry)
}

function rank(entry: CategoryEntry, wanted: string): number {
  const tests = [
    entry.name === wanted || entry.initials === wanted || entry.code === wanted,
    entry.name.startsWith(wanted) || entry.initials.startsWith(wanted),
    entry.name.includes(wanted),
    entry.initials.includes(wanted),
    entry.spelling.startsWith(wanted),
    entry.path.replaceAll(' / ', '').includes(wanted),
    entry.pathInitials.some((letters) => letters.startsWith(wanted)),
    entry.spelling.includes(wanted),
    entry.code.startsWith(wanted),
  ]
  const at = tests.indexOf(true)
  return at === -1 ? Number.POSITIVE_INFINITY : at
}

/** `pinyin` may be spelled out with spaces ("ting shui") or given as initials ("ts"). */
function initials(pinyin: string): string {
  const words = pinyin.trim().toLowerCase().split(/\s+/)
  return words.length > 1 ? words.map((word) => word.charAt(0)).join('') : (words[0] ?? '')
}
