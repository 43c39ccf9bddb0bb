/** The pages, and who is sent where: nobody to the sign-in page, an operator without a seat to the seats. */
import { createRouter, createWebHistory, type RouteLocationRaw } from 'vue-router'
import { useLive } from './live/store'
import { tabRole } from './session/onlyTab'
import { useSession } from './session/store'

declare module 'vue-router' {
  interface RouteMeta {
    /** May be seen without signing in. */
    open?: boolean
    needs?: 'seat' | 'planner'
  }
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', name: 'home', component: { render: () => null } },
    { path: '/signin', name: 'signin', component: () => import('./session/SignInPage.vue'), meta: { open: true } },
    { path: '/seats', name: 'seats', component: () => import('./session/SeatsPage.vue') },
    { path: '/check', name: 'check', component: () => import('./session/CheckPage.vue'), meta: { needs: 'seat' } },
    { path: '/desk', name: 'desk', component: () => import('./desk/DeskPage.vue'), meta: { needs: 'seat' } },
    { path: '/tickets/:id(\\d+)?', name: 'tickets', component: () => import('./office/TicketsPage.vue') },
    { path: '/manage', name: 'manage', component: () => import('./office/ManagePage.vue'), meta: { needs: 'planner' } },
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
  if (tabRole.value === 'active') useLive().start()
  if (to.meta.open || to.name === 'home') return home()
  if (to.meta.needs === 'seat' && session.seat === null) return { name: 'seats' }
  if (to.meta.needs === 'planner' && !session.mayPlan) return home()
  return true
})

/** Where a person belongs who asked for nothing in particular. */
export function home(): RouteLocationRaw {
  const session = useSession()
  if (session.seat !== null) return { name: 'desk' }
  if (session.mayPlan) return { name: 'manage' }
  return session.mayTakeSeat ? { name: 'seats' } : { name: 'tickets' }
}
