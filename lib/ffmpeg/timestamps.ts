import { type Probe, usualFps } from './probe';

/** Formats in which the clock may start anew at any time, as where one programme follows another. */
const discontinuous = new Set(['mpegts', 'hls']);
/** A step forward beyond this is such a new start, too: ffmpeg's own measure (`-dts_delta_threshold`). Seconds. */
const longestStep = 10;

/** Whether its clock may start anew at any time. */
export function isDiscontinuous({ format }: Pick<Probe, 'format'>): boolean {
  return discontinuous.has(format);
}

/**
 * The filter that makes the frames' timestamps grow, which ffmpeg's encoder insists on. Where one is missing, or does not go
 * beyond the one before, time goes on by the step before, and what that is ahead of the source is made up for with the steps
 * that follow: a camera that is short of breath gives two pictures one time, and then a longer step. Where the clock starts anew
 * there is nothing to make up for. Filters lose their memory when ffmpeg makes them anew: see `keepsFilters`.
 * Expressions: https://ffmpeg.org/ffmpeg-filters.html#setpts_002c-asetpts
 */
export function growingTimestamps({ format, fps }: Pick<Probe, 'format' | 'fps'>): string {
  // 0: the step before; 1: how far time is ahead of the source's; 2: the source's last timestamp; 3 and 4: steps of the source and
  // of time. All in ticks of the time base.
  const usual = `if(gt(ld(0),0),ld(0),max(1,${1 / (fps ?? usualFps)}/TB))`;
  const isStep = `gt(ld(3),0)${isDiscontinuous({ format }) ? `*lte(ld(3),${longestStep}/TB)` : ''}`;
  const step = 'st(4,max(max(1,ld(3)/2),ld(3)-ld(1)));st(0,ld(4));st(1,ld(1)+ld(4)-ld(3))';
  const invented = `st(4,${usual});st(1,if(gt(ld(3),-2*ld(4))*lte(ld(3),0),ld(1)+ld(4)-ld(3),0))`;
  const known = `st(3,PTS-ld(2));st(2,PTS);if(${isStep},${step},${invented});PREV_OUTPTS+ld(4)`;
  const missing = `st(4,${usual});st(1,ld(1)+ld(4));PREV_OUTPTS+ld(4)`;
  const first = 'st(2,if(isnan(PTS),0,PTS))';
  return `setpts='if(isnan(PREV_OUTPTS),${first},if(isnan(PTS),${missing},${known}))'`;
}

/**
 * The filters that give frames the time of their arrival, for a source that has no clock: ffmpeg would invent 25 frames per
 * second.
 */
export const arrivalTimestamps = ['settb=1/1000', "setpts='(RTCTIME-RTCSTART)/1000'"];
