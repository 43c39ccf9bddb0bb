/** Texts of the emergency transfer; emergency.en.ts has the same shape. */
export const emergencyZh = {
  hint: '紧急转接：按一下即呼入三方，接通后再退出',
  names: { '110': '公安', '119': '消防', '120': '急救', '122': '交通' },
  routes: { 'trunk-a': '甲路', 'trunk-b': '乙路', 'duty-desk': '值班电话' } as Record<string, string>,
  dialling: (number: string, route: string) => `正在呼叫 ${number}（${route}），请勿挂机`,
  reached: (number: string) => `${number} 已接听，三方通话中`,
  failed: (number: string, why: string) => `${number} 未接通：${why}`,
  results: {
    busy: '占线',
    no_answer: '无人接听',
    unreachable: '线路不通',
    failed: '呼叫失败',
  } as Record<string, string>,
  handOver: '转交并退出',
  withdraw: '取消呼叫',
  letGo: '请紧急台退出',
}
