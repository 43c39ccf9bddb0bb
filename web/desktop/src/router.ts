/** The pages, and who is sent where: nobody to the sign-in page, an operator without a seat to the seats. */
import { createRouter, createWebHistory } from 'vue-router'
import CalendarPage from './calendar/CalendarPage.vue'
import DeskPage from './desk/DeskPage.vue'
import { useLive } from './live/store'
import CallbacksPage from './office/CallbacksPage.vue'
import ManagePage from './office/ManagePage.vue'
import StaffingPage from './office/staffing/StaffingPage.vue'
import TicketsPage from './office/TicketsPage.vue'
import WallboardPage from './office/WallboardPage.vue'
import RulesPage from './rules/RulesPage.vue'
import PlanPage from './plan/PlanPage.vue'
import MyRosterPage from './roster/MyRosterPage.vue'
import RosterPage from './roster/RosterPage.vue'
import CheckPage from './session/CheckPage.vue'
import { home } from './session/home'
import { tabRole } from './session/onlyTab'
import SeatsPage from './session/SeatsPage.vue'
import SignInPage from './session/SignInPage.vue'
import { useSession } from './session/store'
import ScreenPage from './wallboard/ScreenPage.vue'

declare module 'vue-router' {
  interface RouteMeta {
    /** May be seen without signing in. */
    open?: boolean
    needs?: 'seat' | 'planner' | 'overseer' | 'board'
  }
}

export const router = createRouter({
  history: createWebHistory(),
  // All pages are loaded at once: a page asked for only after an update would no longer be there.
  routes: [
    { path: '/', name: 'home', component: { render: () => null } },
    { path: '/signin', name: 'signin', component: SignInPage, meta: { open: true } },
    { path: '/seats', name: 'seats', component: SeatsPage },
    { path: '/check', name: 'check', component: CheckPage, meta: { needs: 'seat' } },
    { path: '/desk', name: 'desk', component: DeskPage, meta: { needs: 'seat' } },
    { path: '/tickets/:id(\\d+)?', name: 'tickets', component: TicketsPage },
    { path: '/calendar', name: 'calendar', component: CalendarPage, meta: { needs: 'overseer' } },
    { path: '/manage', name: 'manage', component: ManagePage, meta: { needs: 'planner' } },
    { path: '/manage/wallboard', name: 'manage-wallboard', component: WallboardPage, meta: { needs: 'planner' } },
    { path: '/callbacks', name: 'callbacks', component: CallbacksPage },
    { path: '/wallboard', name: 'wallboard', component: ScreenPage, meta: { needs: 'board' } },
    { path: '/manage/rules', name: 'rules', component: RulesPage, meta: { needs: 'planner' } },
    { path: '/manage/plan', name: 'plan', component: PlanPage, meta: { needs: 'planner' } },
    { path: '/manage/staffing', name: 'staffing', component: StaffingPage, meta: { needs: 'planner' } },
    { path: '/manage/roster', name: 'roster', component: RosterPage, meta: { needs: 'planner' } },
    { path: '/my-roster', name: 'my-roster', component: MyRosterPage },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
})

router.beforeEach(async (to) => {
  const session = useSession()
  try {
    await session.discover()
  } catch {
    // Offline at the first load: the page shows the sign-in form, which says that the server is away.
  }
  if (session.me === null) return to.meta.open ? true : { name: 'signin', query: to.path === '/' ? {} : { to: to.fullPath } }
  // A passive tab shows nothing but that; where it wanted to go counts when it becomes the active one.
  if (tabRole.value !== 'active') return true
  useLive().start()
  if (to.meta.open || to.name === 'home') return home()
  if (session.isScreen !== (to.meta.needs === 'board') && (session.isScreen || !session.mayPlan)) return home()
  if (to.meta.needs === 'seat' && session.seat === null) return { name: 'seats' }
  if (to.meta.needs === 'planner' && !session.mayPlan) return home()
  if (to.meta.needs === 'overseer' && !session.mayReadAll) return home()
  return true
})
