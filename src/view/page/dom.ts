/** An element of the page that must be there. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as querySelector has it
export function find<T extends Element>(selector: string, within: ParentNode = document): T {
  const found = within.querySelector<T>(selector)
  if (found === null) throw new Error(`the page has no ${selector}`)
  return found
}

/** A copy of a `<template>`'s only element. */
export function stamp(id: string): HTMLElement {
  const { content } = find<HTMLTemplateElement>(`template#${id}`)
  return document.importNode(content.firstElementChild as HTMLElement, true)
}

/** Writes a text only when it differs: layout is the dearest thing on the page. */
export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/** Rates and times with as many digits as can be read. */
export function digits(value: number, unit = ''): string {
  if (!Number.isFinite(value)) return '–'
  const text = Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(1)
  return unit === '' ? text : `${text} ${unit}`
}
