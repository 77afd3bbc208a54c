import type { Probe } from './probe';

/** Formats in which the clock may start anew at any time, as where one programme follows another. */
const discontinuous = new Set(['mpegts', 'hls']);
/** A step forward beyond this is such a new start, too: ffmpeg's own measure (`-dts_delta_threshold`). Seconds. */
const longestStep = 10;

/**
 * The filter that makes the frames' timestamps grow. Where the source's own go back, stand still or are missing, which
 * ffmpeg's encoder would refuse, time goes on by the step before. Filters lose their memory when ffmpeg makes them anew: see
 * `keepsFilters`. Expressions: https://ffmpeg.org/ffmpeg-filters.html#setpts_002c-asetpts
 */
export function growingTimestamps({ format, fps }: Pick<Probe, 'format' | 'fps'>): string {
  const step = 'PTS-PREV_INPTS';
  const isStep = discontinuous.has(format) ? `gt(${step},0)*lte(${step},${longestStep}/TB)` : `gt(${step},0)`;
  const usual = `max(1,${1 / (fps ?? 25)}/TB)`;
  const first = 'if(isnan(PTS),0,PTS)';
  const next = `PREV_OUTPTS+if(${isStep},st(0,${step}),if(gt(ld(0),0),ld(0),${usual}))`;
  return `setpts='if(isnan(PREV_OUTPTS),${first},${next})'`;
}

/**
 * The filters that give frames the time of their arrival, for a source that has no clock: ffmpeg would invent 25 frames per
 * second.
 */
export const arrivalTimestamps = ['settb=1/1000', "setpts='(RTCTIME-RTCSTART)/1000'"];
