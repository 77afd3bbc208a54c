import type { Source } from './source';

const web = 'http,https,httpproxy,tcp,tls,crypto';

/** TCP loses no packets on a busy network. ffmpeg falls back to UDP where a camera does not offer it. */
const preferTcp = ['-rtsp_flags', 'prefer_tcp'];

/** The URL schemes that are sources, and the protocols ffmpeg may open for each. */
export const networks: Record<string, Pick<Source, 'recorded' | 'protocols'> & Partial<Pick<Source, 'inputOptions'>>> =
  {
    http: { recorded: true, protocols: web },
    https: { recorded: true, protocols: web },
    rtsp: { recorded: false, protocols: 'rtsp,rtp,srtp,udp,tcp,tls,http,crypto', inputOptions: preferTcp },
    rtsps: { recorded: false, protocols: 'rtsp,rtp,srtp,udp,tcp,tls,crypto', inputOptions: preferTcp },
    rtmp: { recorded: false, protocols: 'rtmp,rtmpt,tcp,ffrtmphttp,http' },
    rtmps: { recorded: false, protocols: 'rtmps,rtmpts,rtmp,tcp,tls,ffrtmphttp,https' },
    udp: { recorded: false, protocols: 'udp' },
    rtp: { recorded: false, protocols: 'rtp,udp,srtp' },
    srt: { recorded: false, protocols: 'srt' },
    tcp: { recorded: false, protocols: 'tcp' },
  };
