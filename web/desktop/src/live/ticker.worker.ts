/** A beat that browsers do not slow down when the tab is in the background (timers of hidden pages are). */
const EVERY_MS = 500
setInterval(() => postMessage(null), EVERY_MS)
