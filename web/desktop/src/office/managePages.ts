/** The shift manager's pages in the order of their tabs; a page is added here, in router.ts and in the texts. */
export interface ManagePageTab {
  /** The route's name. */
  route: string
  /** The key of its label in `T.manage.tabs`. */
  label: 'floor' | 'wallboard' | 'callbacks' | 'rules' | 'plan' | 'staffing' | 'roster'
}

export const MANAGE_PAGES: readonly ManagePageTab[] = [
  { route: 'manage', label: 'floor' },
  { route: 'manage-wallboard', label: 'wallboard' },
  { route: 'callbacks', label: 'callbacks' },
  { route: 'rules', label: 'rules' },
  { route: 'plan', label: 'plan' },
  { route: 'staffing', label: 'staffing' },
  { route: 'roster', label: 'roster' },
]
