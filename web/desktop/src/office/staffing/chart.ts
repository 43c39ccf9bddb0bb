/** The chart of a day: bars of calls, red where the plan is too small for them, and steps of seats. Pure. */
import type { ComposeOption } from 'echarts/core'
import type { BarSeriesOption, LineSeriesOption } from 'echarts/charts'
import type { GridComponentOption, LegendComponentOption, TooltipComponentOption } from 'echarts/components'
import type { Texts } from '@/texts/zh'
import { halfHour } from './days'
import type { Need } from './whatIf'

export type ChartOption = ComposeOption<
  | BarSeriesOption
  | LineSeriesOption
  | GridComponentOption
  | LegendComponentOption
  | TooltipComponentOption
>

const INK = '#4a5768'
const COLOURS = {
  calls: '#b9cfea',
  came: '#1d5fb4',
  recommended: '#a8530a',
  planned: '#4f5d70',
  actual: '#177245',
  short: '#eba9af',
}

const AXIS = { type: 'value', minInterval: 1, nameTextStyle: { color: INK }, axisLabel: { color: INK } } as const

export function chartOption(halves: readonly Need[], T: Texts['staffing'], font: string): ChartOption {
  const steps = (name: string, colour: string, values: (number | null)[], dashed = false): LineSeriesOption => ({
    name,
    type: 'line',
    step: 'middle',
    yAxisIndex: 1,
    symbol: 'none',
    color: colour,
    lineStyle: { width: 2, type: dashed ? 'dashed' : 'solid' },
    data: values,
  })
  return {
    animation: false,
    textStyle: { fontFamily: font },
    grid: { left: 52, right: 52, top: 64, bottom: 30 },
    legend: { top: 6, itemGap: 20, textStyle: { color: INK } },
    tooltip: {
      trigger: 'axis',
      valueFormatter: (value) => (typeof value === 'number' ? String(Math.round(value * 10) / 10) : '—'),
    },
    xAxis: {
      type: 'category',
      data: halves.map((_, at) => halfHour(at)),
      axisLabel: { color: INK, interval: 3 },
      axisTick: { interval: 3 },
    },
    yAxis: [
      { ...AXIS, name: T.callsAxis, splitLine: { lineStyle: { color: '#edf0f4' } } },
      { ...AXIS, name: T.seatsAxis, max: (seats) => Math.ceil(seats.max) + 1, splitLine: { show: false } },
    ],
    series: [
      {
        name: T.series.calls,
        type: 'bar',
        barWidth: '70%',
        color: COLOURS.calls,
        data: halves.map((half) =>
          half.planned < half.recommended ? { value: half.calls, itemStyle: { color: COLOURS.short } } : half.calls,
        ),
      },
      {
        name: T.series.came,
        type: 'line',
        color: COLOURS.came,
        symbolSize: 5,
        lineStyle: { width: 0 },
        data: halves.map((half) => half.came),
      },
      steps(T.series.recommended, COLOURS.recommended, halves.map((half) => half.recommended)),
      steps(T.series.planned, COLOURS.planned, halves.map((half) => half.planned), true),
      steps(T.series.actual, COLOURS.actual, halves.map((half) => half.actual)),
    ],
  }
}
