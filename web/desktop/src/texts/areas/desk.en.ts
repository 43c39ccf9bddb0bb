import type { deskZh } from './desk.zh'

export const deskEn: typeof deskZh = {
  tab: 'Knowledge',
  box: 'Follows the form; or type words',
  searching: 'Searching…',
  typeFirst: 'Searches as title and content are written',
  count: (n: number) => (n === 0 ? 'Nothing found' : `${n} found`),
  nothingFits: 'None fits',
  nothingFound: 'Note: nothing found',
  searched: 'Search noted',
  take: 'Answer with this',
  back: 'Back',
  source: 'Document',
  version: (n: number, day: string) => `version ${n}, ${day}`,
  taken: (title: string) => `Now the source of the answer: ${title}`,
  noted: 'The search is noted',
  duplicates: 'Known already?',
  alike: { caller: 'same caller', category: 'same category', address: 'same place', text: 'same words' },
  link: 'Link',
  distinct: 'No',
  shortcut: 'Go to the knowledge base',
}
