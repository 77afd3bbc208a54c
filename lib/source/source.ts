/** A place video comes from, in the form ffmpeg takes it. */
export interface Source {
  kind: 'file' | 'images' | 'network' | 'device' | 'generated';
  /** For `-i`. May hold credentials: never show it. */
  input: string;
  /** What stands before `-i`, to read it as what it is. */
  inputOptions: string[];
  /** What may be seen of it: for messages. See `shownSource`. */
  name: string;
  /** What may not be seen, where `input` does not hold it. */
  secrets?: string[];
  /** Whether it has a beginning and an end, or is live. */
  recorded: boolean;
  /** The protocols ffmpeg may open on its behalf: a playlist from the network must not read local files. */
  protocols: string;
  /** Seconds without growth after which a file that is being written has ended. Undefined: it is read as it is. */
  follow?: number;
  /** The only folders it may be in, where they are listed. */
  allowedFolders?: string[];
  /** The only hosts it may lead to, where they are listed. */
  allowedHosts?: string[];
}

/** How an RTSP camera is to send: over its own connection, by datagrams, or through HTTP. `auto`: by TCP if the camera can. */
export type Transport = 'auto' | 'tcp' | 'udp' | 'multicast' | 'http';

/** What may be a source, and where it is looked for. */
export interface SourceRules {
  /** Where relative paths are looked for, in this order. */
  folders: string[];
  /** Whether the source was set by who built the pipeline. One that comes with a message may only be a path or a URL. */
  trusted: boolean;
  /** The only folders files may be in. Undefined: any folder. */
  allowedFolders?: string[];
  /** The only hosts URLs may lead to; `*.example.org` is every host below. Undefined: any host. */
  allowedHosts?: string[];
  /** Whether a file is waited for as it grows, and for how many seconds: see Source. */
  follow?: number;
  /** Images per second of an image sequence. */
  imageRate?: number;
  /** Of RTSP. Default auto. */
  transport?: Transport;
  /** Whether what comes over http has no end: it is connected to until stopped. */
  live?: boolean;
  /** ffmpeg's options for its input, which have been checked. */
  inputOptions?: string[];
}
