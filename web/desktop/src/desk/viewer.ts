/** The ticket that is looked at in the drawer, without leaving the one that is being written. */
import { ref } from 'vue'

export const viewing = ref<number | null>(null)
