import type { PictureMeta } from '../protocol';

/** Characters of a stream's name in that of a file. */
const longestName = 80;

/** Saves the very image that is on screen, in full size, as a file. */
export function saveSnapshot(name: string, { time }: PictureMeta, image: Blob): void {
  const url = URL.createObjectURL(image);
  const link = document.createElement('a');
  link.href = url;
  link.download = snapshotName(name, { time, codec: image.type.replace('image/', '') });
  link.click();
  // The browser reads it after the click; a minute is plenty.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A file's name that says which picture it is: the stream and its local time to the ms, in characters that any system takes. */
export function snapshotName(name: string, { time, codec }: { time: number; codec: string }): string {
  const safe = name
    .replace(/[^\p{L}\p{N}.-]+/gu, '_')
    .slice(0, longestName)
    .replace(/^[._-]+|[._-]+$/g, '');
  const at = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  const date = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  const clock = [
    two(at.getHours()),
    two(at.getMinutes()),
    two(at.getSeconds()),
    String(at.getMilliseconds()).padStart(3, '0'),
  ].join('-');
  return `${safe || 'video'}_${date}_${clock}.${codec}`;
}
