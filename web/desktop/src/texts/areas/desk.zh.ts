/** What helps while a ticket is written: knowledge and duplicates. */
export const deskZh = {
  tab: '知识库',
  box: '随表单检索，也可输入关键词',
  searching: '正在检索…',
  typeFirst: '填写标题或内容后自动检索',
  count: (n: number) => (n === 0 ? '没有匹配的知识' : `匹配 ${n} 条`),
  nothingFits: '均不适用',
  nothingFound: '记录：未检索到',
  searched: '已记录检索',
  take: '据此答复',
  back: '返回列表',
  source: '依据原文',
  version: (n: number, day: string) => `第 ${n} 版 ${day}`,
  taken: (title: string) => `已作为解答依据：${title}`,
  noted: '已记录检索情况',
  shortcut: '跳到知识库',
}
