/**
 * Texts of others (a build, a chaincode, the kubelet) may carry what does not belong on a page: credentials in URLs, tokens of
 * npm and of HTTP. The forms that programs print are blotted out; repetitions are bounded, because the texts are strangers'.
 */
export function withoutCredentials(text: string): string {
  return text
    .replace(/(\b[a-z][a-z0-9+.-]{0,15}:\/\/)[^\s/@]{1,512}@/gi, '$1***@')
    .replace(/(\bbearer )[\w.~+/=-]{8,}/gi, '$1***')
    .replace(/(_(?:authToken|auth|password) ?= ?)\S+/gi, '$1***');
}

/** The first line, of at most so many characters. */
export function firstLine(text: string, most: number): string {
  const line = text.split('\n', 1)[0] ?? '';
  const shown = line.length > most ? line.slice(0, most - 1) : line;
  return shown.length < text.length ? `${shown}…` : shown;
}
