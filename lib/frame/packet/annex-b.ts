/** A NAL unit's place in an access unit. */
export interface NalUnit {
  /** Where its start code begins, with the zeros before it. */
  from: number;
  /** Where its header begins. */
  begin: number;
  /** Behind its last byte. */
  end: number;
}

const startCode = Buffer.from([0, 0, 1]);

/** The NAL units of a byte stream (H.264 and HEVC, Annex B), one by one. None where it does not begin with a start code. */
export function* nalUnits(bytes: Buffer): Generator<NalUnit> {
  let from = 0;
  let begin = bytes.indexOf(startCode);
  if (begin < 0 || !areZeros(bytes, 0, begin)) return;
  while (begin >= 0) {
    begin += startCode.length;
    const next = bytes.indexOf(startCode, begin);
    let end = next < 0 ? bytes.length : next;
    // Zeros belong to the start code behind them: a NAL unit never ends with one.
    while (end > begin && bytes[end - 1] === 0) end -= 1;
    if (end > begin) yield { from, begin, end };
    from = end;
    begin = next;
  }
}

function areZeros(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] !== 0) return false;
  return true;
}

/** Bytes of a NAL unit that are looked into: parameter sets and the beginnings of slices are far shorter. */
const mostBytes = 4096;

/** A NAL unit's payload, as far as it is looked into: without the 3 of each 0 0 3, which only keeps start codes out of it (7.3.1). */
export function payloadOf(bytes: Buffer, { begin, end }: NalUnit): Uint8Array {
  const escaped = bytes.subarray(begin, Math.min(end, begin + mostBytes));
  const payload = new Uint8Array(escaped.length);
  let length = 0;
  let zeros = 0;
  for (const byte of escaped) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    payload[length] = byte;
    length += 1;
  }
  return payload.subarray(0, length);
}
