/** Asks for a reason; null if it was thought better of. */
import { ElMessageBox } from 'element-plus'
import { T } from '@/texts'

export function useReason(): (text: string, title: string) => Promise<string | null> {
  return async (text, title) => {
    try {
      const answer = await ElMessageBox.prompt(text, title, {
        inputPlaceholder: T.value.plan.reason,
        inputValidator: (value) => (value ?? '').trim() !== '' || T.value.plan.needReason,
        confirmButtonText: T.value.plan.save,
        cancelButtonText: T.value.common.cancel,
      })
      return answer.value.trim()
    } catch {
      return null
    }
  }
}
