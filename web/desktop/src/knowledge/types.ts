/** What the knowledge base answers (tickets/knowledge/api.py). */
export interface Hit {
  id: number
  version: number
  title: string
  snippet: string
  unit: string
}

export interface Found {
  hits: number
  articles: Hit[]
}

export interface Article {
  id: number
  version: number
  title: string
  text: string
  source_no: string
  source_url: string
  unit: string
  category: string | null
  published_at: string
}
