/** Names of parameters that say which picture is wanted, not who wants it. In small letters, without `_` and `-`. */
const names = new Set([
  ...words('channel channels channelid channelno chan ch chn chno camera cam camno cameraid cameranr input inputnr'),
  ...words('stream streamtype streamno streamprofile substream subtype sub track trackid program profile variant'),
  ...words(
    'resolution res size imagesize width height w h wid hei fps framerate desiredframerate maxfps rate interval',
  ),
  ...words('codec videocodec vcodec videoencodetype compression compress quality q bitrate kbps gop'),
  ...words('audio video mode unicast multicast transport transportmode proto protocol rtsptransport tcp udp live'),
  ...words('realstream rotation rotate mirror flip color clock date'),
  // ffmpeg's own, at the end of a URL of udp, rtp, srt, tcp and rtmp.
  ...words('listen timeout rwtimeout listentimeout pktsize buffersize fifosize overrunnonfatal reuse localport ttl'),
  ...words('latency rcvlatency peerlatency maxbw tlpktdrop sendbuffersize recvbuffersize rtcpport localrtpport'),
]);

const values = new Set(
  words(
    'on off yes no true false main sub mainstream substream primary secondary first second third extra high medium low ' +
      'hd fullhd uhd sd vga qvga vga cif qcif 2cif 4cif d1 2k 4k 360p 480p 540p 720p 1080p 1440p 2160p ' +
      'h264 h265 h.264 h.265 hevc avc av1 vp8 vp9 mjpeg mjpg mpeg4 mp4v jpeg jpg tcp udp http unicast multicast onvif rtsp rtp ' +
      'caller listener rendezvous live file none both',
  ),
);

/** Those that may stand alone, without a value. */
const flags = new Set(words('tcp udp unicast multicast realstream live listen'));

/** `25`, `0.sdp`, `29.97`, `640x480`, `1920*1080`, `101`. */
const number = /^\d{1,7}(?:\.\d{1,3}|\.sdp|[x*]\d{1,5})?$/i;

/** Whether a parameter of a URL may be seen by anybody. What is not known to be harmless is not. */
export function isHarmless(name: string, value: string | undefined): boolean {
  const plain = name.toLowerCase().replaceAll(/[_-]/g, '');
  if (value === undefined) return flags.has(plain);
  return names.has(plain) && (value === '' || number.test(value) || values.has(value.toLowerCase()));
}

/** Whether a word tells nothing to anybody, so that it may stay in a text even where it was also found in a secret place. */
export function isPlainWord(text: string): boolean {
  return values.has(text.toLowerCase()) || /^\d{1,3}$/.test(text);
}

/** Parts of a path after which a secret comes: `/token/AbC/`. */
const secretNames =
  /^(?:.*[._-])?(?:(?:api|app|auth|access|stream|secret|private|user|login)?(?:key|token|pass|passwd|password|passcode|pwd)|auth|secret|sig|signature|jwt|pw|sid|session|user|username|login)$/i;

/** Whether a part of a path tells who wants the video, or may well do so. `before` is the part before it. */
export function isSecretPart(part: string, before: string): boolean {
  return secretNames.test(before) || part.split(/[._~-]/).some(isRandom) || isGroupedKey(part);
}

/** A key or a hash: 16 characters or more that change between digits, small and capital letters as no word does. */
function isRandom(run: string): boolean {
  const changes = run.match(/(?:[a-z](?=[A-Z\d])|[A-Z](?=\d)|\d(?=[a-zA-Z]))/g)?.length ?? 0;
  return run.length >= 16 && changes >= 5;
}

/** `a1b2-c3d4-e5f6-g7h8`, as services give out for a broadcast. */
function isGroupedKey(part: string): boolean {
  return /^[a-z\d]{4}(?:-[a-z\d]{4}){3,}$/i.test(part) && /\d/.test(part);
}

function words(list: string): string[] {
  return list.split(' ');
}
