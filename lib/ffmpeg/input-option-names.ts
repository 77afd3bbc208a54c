/** What an option's value may be, and how to say it. */
interface Kind {
  says: string;
  fits: (value: string) => boolean;
}

const switchable: Kind = { says: '0 or 1', fits: (value) => /^[01]$/.test(value) };

function whole(min: number, max: number): Kind {
  const fits = (value: string) => /^-?\d{1,12}$/.test(value) && Number(value) >= min && Number(value) <= max;
  return { says: `a whole number from ${min} to ${max}`, fits };
}

function oneOf(...values: string[]): Kind {
  return { says: values.join(', '), fits: (value) => values.includes(value) };
}

/** Names with a + or - before each, of which the first may do without. */
function flagsOf(...names: string[]): Kind {
  const isFlags = /^[+-]?\w+(?:[+-]\w+)*$/;
  const fits = (value: string) =>
    isFlags.test(value) && (value.match(/\w+/g) ?? []).every((name) => names.includes(name));
  return { says: `${names.join(', ')}, each with a + or - before it`, fits };
}

function matching(says: string, pattern: RegExp): Kind {
  return { says, fits: (value) => pattern.test(value) };
}

const bytes = whole(0, 1_000_000_000);
const microseconds = whole(0, 3_600_000_000);
const word = matching('a word of letters, digits and _', /^\w{1,40}$/);
/** Printable ASCII: a line end would be another header. */
const header = matching('a text without line ends', /^[\x20-\x7e]{1,200}$/);

/**
 * ffmpeg's options of demuxers, protocols and decoders that may be given for an input, with what their values may be. Each only says
 * how the source that was given is read: none names a file, a host or a format that leads to others, and none has ffmpeg listen.
 */
const known: Record<string, Kind> = {
  // Opening.
  probesize: whole(32, 1_000_000_000),
  analyzeduration: microseconds,
  fpsprobesize: whole(-1, 100_000),
  formatprobesize: whole(0, 1_000_000_000),
  max_probe_packets: whole(0, 1_000_000),
  f: oneOf(
    ...words('mjpeg mpjpeg mpegts h264 hevc m4v mpegvideo flv live_flv matroska mov mp4 webm avi ogg ivf asf obu'),
  ),
  strict_mime_boundary: switchable,
  // Reading.
  fflags: flagsOf(...words('nobuffer genpts igndts discardcorrupt sortdts fastseek nofillin noparse ignidx')),
  avioflags: flagsOf('direct'),
  max_delay: microseconds,
  max_ts_probe: whole(0, 1_000_000),
  rtbufsize: bytes,
  use_wallclock_as_timestamps: switchable,
  correct_ts_overflow: switchable,
  seek2any: switchable,
  ignore_editlist: switchable,
  scan_all_pmts: switchable,
  resync_size: whole(0, 100_000_000),
  skip_unknown_pmt: switchable,
  // Decoding.
  flags: flagsOf(...words('low_delay output_corrupt unaligned gray')),
  err_detect: flagsOf(...words('crccheck bitstream buffer explode ignore_err careful compliant aggressive')),
  ec: flagsOf(...words('guess_mvs deblock favor_inter')),
  skip_frame: oneOf(...words('none default noref bidir nointra nokey')),
  skip_loop_filter: oneOf(...words('none default noref bidir nointra nokey all')),
  threads: whole(0, 64),
  // RTSP and RTP.
  rtsp_flags: flagsOf('prefer_tcp', 'filter_src'),
  allowed_media_types: flagsOf('video', 'audio', 'data', 'subtitle'),
  reorder_queue_size: whole(-1, 1_000_000),
  min_port: whole(1024, 65_535),
  max_port: whole(1024, 65_535),
  // Sockets.
  buffer_size: whole(-1, 1_000_000_000),
  fifo_size: whole(0, 10_000_000),
  overrun_nonfatal: switchable,
  pkt_size: whole(1, 65_535),
  rw_timeout: microseconds,
  tcp_nodelay: switchable,
  recv_buffer_size: whole(-1, 1_000_000_000),
  send_buffer_size: whole(-1, 1_000_000_000),
  tls_verify: switchable,
  // HTTP and HLS.
  user_agent: header,
  referer: header,
  seekable: whole(-1, 1),
  multiple_requests: switchable,
  http_persistent: switchable,
  http_multiple: whole(-1, 1),
  icy: switchable,
  reconnect: switchable,
  reconnect_at_eof: switchable,
  reconnect_streamed: switchable,
  reconnect_on_network_error: switchable,
  reconnect_on_http_error: matching('statuses such as 404,5xx', /^(?:[45](?:\d\d|xx))(?:,[45](?:\d\d|xx))*$/),
  reconnect_delay_max: whole(0, 86_400),
  live_start_index: whole(-100_000, 100_000),
  prefer_x_start: switchable,
  max_reload: whole(0, 1_000_000),
  m3u8_hold_counters: whole(0, 1_000_000),
  seg_max_retry: whole(0, 1_000_000),
  // SRT and RTMP.
  latency: microseconds,
  rcvlatency: microseconds,
  peerlatency: microseconds,
  connect_timeout: whole(-1, 3_600_000),
  tlpktdrop: switchable,
  maxbw: whole(-1, 10_000_000_000),
  rtmp_live: oneOf('any', 'live', 'recorded'),
  rtmp_buffer: whole(0, 3_600_000),
  // Devices and images.
  framerate: matching('a number of frames per second', /^\d{1,4}(?:\.\d{1,6}|\/\d{1,6})?$/),
  video_size: matching('a size such as 1280x720', /^\d{1,5}x\d{1,5}$/),
  input_format: word,
  pixel_format: word,
  timestamps: oneOf('default', 'abs', 'mono2abs'),
};

/** What to do instead of giving an option for what this node has a field for. */
const fields: Record<string, string> = {
  rtsp_transport: 'choose the Transport instead',
  hwaccel: 'use HW decoding instead',
  ss: 'use Trim instead',
  t: 'use Trim instead',
  to: 'use Trim instead',
  re: 'use "Play in real time" instead',
  r: 'use Frame rate instead',
  stream_loop: 'use Loop instead',
  headers: 'enter User and Password for a login',
  cookies: 'enter User and Password for a login',
};

export const inputOptionNames = Object.keys(known);

/** What is wrong with an option, as the rest of a sentence that names it; undefined when nothing is. */
export function faultOf(name: string, value: string): string | undefined {
  const kind = Object.hasOwn(known, name) ? known[name] : undefined;
  if (kind === undefined) {
    const remedy = Object.hasOwn(fields, name) ? fields[name] : 'remove it';
    return `is not one that may be given: ${remedy}`;
  }
  return kind.fits(value) ? undefined : `cannot have this value: enter ${kind.says}`;
}

function words(list: string): string[] {
  return list.split(' ');
}
