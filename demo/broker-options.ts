export interface BrokerOptions {
  /** Folder for the broker's jars, kept between runs. */
  cacheDir: string;
  /** Folder for its log and data. */
  dataDir: string;
  port: number;
  /** What goes on, for people. */
  say: (what: string) => void;
}
