import { VideoError } from '../errors';
import type { Source } from './source';

/**
 * The containers, as ffmpeg names them, that hold their pictures themselves. All others may name another file or host,
 * which nothing here has checked: playlists (hls, dash, concat, imf, sdp, webm_dash_manifest), scripts (avisynth,
 * vapoursynth), images numbered by a pattern, files beside the file (vobsub, mlv), and what later versions add.
 */
const formats = [
  ...names(
    '3gp apng asf av1 avi avs2 avs3 cavsvideo dirac dnxhd dv evc flv live_flv gif gxf h261 h263 h264 hevc ipu ivf ivr',
  ),
  ...names(
    'lxf m4v matroska mgsts mjpeg mjpeg_2000 mov mp4 mpeg mpegts mpegvideo mpjpeg mxf nsv nut nuv obu ogg rm roq',
  ),
  ...names('smjpeg swf ty vc1 vc1test vvc webm wtv y4m yuv4mpegpipe xmv dhav fits'),
  ...names('bmp dds dpx exr gif j2k jpeg jpegls jpegxl pam pbm pcx pgm png ppm').map((image) => `${image}_pipe`),
  ...names('psd qoi sgi sunrast tiff webp xbm xpm xwd').map((image) => `${image}_pipe`),
  ...names('jpegxl_anim webp_anim'),
  // The names of its images are ours: see `resolveImages`.
  'image2',
  // Sound and text, which are refused with words of their own.
  ...names('aac ac3 aiff flac mp3 w64 wav tty'),
  // Only a source whose URL says so is one of these; none of them opens what we have not checked.
  ...names('rtp rtsp'),
];

/** For ffmpeg and ffprobe, where folders or hosts are listed. */
export const containedOnly = ['-format_whitelist', formats.join(',')];

/** The same with HLS, for where each address in a playlist is checked. */
export const containedOrHls = ['-format_whitelist', [...formats, 'hls'].join(',')];

/** What they say of another format. */
export const isOutsideList = (words: string) => words.includes('Format not on whitelist');

export function refusedFormat({ name }: Pick<Source, 'name'>): VideoError {
  return new VideoError(
    'SOURCE_REFUSED',
    `${name} is a playlist, or of another format that may lead elsewhere than the allowed folders and hosts. Give the video itself`,
  );
}

function names(list: string): string[] {
  return list.split(' ');
}
