/** The server looks at 200 characters: the title, and the end of the content, where the typing goes on. */
const LONGEST = 200
const CONTENT = 110

export function queryOf(title: string, content: string): string {
  return `${title.trim()} ${content.trim().slice(-CONTENT)}`.replaceAll(/\s+/g, ' ').trim().slice(0, LONGEST)
}
