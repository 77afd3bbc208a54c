/** A variant's size, and its bitrate where two have the same size. */
const pattern = /^\d{1,5}x\d{1,5}(?:@\d{1,12})?$/;

/**
 * Reads by what name somebody asks for a variant of an adaptive stream: `1280x720`, `1280 × 720`, `1280x720@2149280`. Undefined for
 * what cannot be one. The edit dialog goes by this, too, so it imports nothing.
 */
export function readVariantName(entered: string): string | undefined {
  const name = entered.replaceAll(/\s/g, '').toLowerCase().replace('×', 'x');
  return pattern.test(name) ? name : undefined;
}
