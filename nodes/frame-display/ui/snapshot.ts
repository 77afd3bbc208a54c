import type { PictureMeta } from '../protocol';

/** Saves the very image that is on screen, in full size, as a file. */
export function saveSnapshot(name: string, meta: PictureMeta, bytes: ArrayBuffer): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: `image/${meta.codec}` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${name.replace(/[^\w.-]+/g, '_') || 'frame'}-${meta.seq}.${meta.codec}`;
  link.click();
  // The browser reads it after the click; a minute is plenty.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
