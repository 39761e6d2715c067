export function drawCharts(result: {
  rows: object[]
}): { file: string; title: string; svg: string }[]
