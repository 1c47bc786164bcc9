type Child = Node | string;

/**
 * An element. All that comes from objects goes in as a text or as the value of an attribute, never as markup; attributes are
 * named here in the code, and links are made by `link()`.
 */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Changes a text only where it differs, so that nothing is laid out anew for nothing. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Where the page's root is: this module lies at ROOT/assets/. */
export const root = new URL('../', import.meta.url);

export function pageOf(namespace: string, name: string): string {
  return new URL(`launches/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`, root).href;
}

/** A phase as a badge: colour, sign and word. */
export function badge(phase: string): HTMLSpanElement {
  return el('span', { class: 'badge', 'data-phase': phase }, phase);
}
