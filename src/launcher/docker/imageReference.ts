/** Splits `registry:5000/name:tag`; the tag is `latest` when there is none. A digest takes the tag's place. */
export function imageReference(image: string): { readonly repository: string; readonly tag: string } {
  const at = image.indexOf('@');
  if (at >= 0) return { repository: image.slice(0, at), tag: image.slice(at + 1) };
  const colon = image.lastIndexOf(':');
  // A colon before a slash belongs to the registry's port.
  if (colon < 0 || image.includes('/', colon)) return { repository: image, tag: 'latest' };
  return { repository: image.slice(0, colon), tag: image.slice(colon + 1) };
}
