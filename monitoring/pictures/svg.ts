/** Text of SVG with what has a meaning in XML escaped. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** One element. Content is SVG already. Numbers are rounded: nobody sees a thousandth of a pixel. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? rounded(value) : escaped(String(value))}"`)
    .join('');
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

export function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** A line of text. @param look names of CSS classes */
export function text(x: number, y: number, words: string, look: string, anchor?: 'middle' | 'end'): string {
  return element('text', { x, y, class: look, 'text-anchor': anchor }, escaped(words));
}

/** About how wide a text is, rather more than less: fonts differ. */
export function widthOf(words: string, size: number): number {
  const narrow = words.match(/[ijltf.,:;' |()]/g)?.length ?? 0;
  const wide = words.match(/[A-Z_mw%]/g)?.length ?? 0;
  return (words.length * 0.58 - narrow * 0.22 + wide * 0.14) * size;
}

/** The text, or its begin with an ellipsis where it is too wide. */
export function fitted(words: string, width: number, size: number): string {
  if (widthOf(words, size) <= width) return words;
  let length = words.length - 1;
  while (length > 1 && widthOf(`${words.slice(0, length)}…`, size) > width) length -= 1;
  return `${words.slice(0, length).trimEnd()}…`;
}

/** Moves SVG. */
export function moved(x: number, y: number, content: string): string {
  return element('g', { transform: `translate(${rounded(x)} ${rounded(y)})` }, content);
}
