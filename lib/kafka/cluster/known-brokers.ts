import { RecentMap } from '../../recent-map';
import { sameAddress, withColons } from './broker-address';

/** Addresses remembered: those of a large cluster, several times over. */
const maxAddresses = 1000;

/**
 * Which brokers were reached by which address. A cluster tells its clients by which addresses to come (its
 * `advertised.listeners`); one that never led anywhere, while the cluster was there to name it, is likely to be wrong.
 * One that did is right, and its broker is away.
 */
export class KnownBrokers {
  readonly #entered: readonly string[];
  readonly #advertised = new RecentMap<string, 'reached' | 'tried'>(maxAddresses);
  /** Open connections to brokers that were entered. */
  #open = 0;

  /** `entered` is `host:port` of each broker asked first. */
  constructor(entered: readonly string[]) {
    this.#entered = entered;
  }

  /** A connection to `broker` is tried. Tells that it is there, then that it is closed, however that came. */
  trying(broker: string): { connected(): void; closed(): void } {
    const address = withColons(broker);
    const isEntered = this.#isEntered(address);
    if (!isEntered && this.#advertised.get(address) !== 'reached') {
      // With no broker there to be asked the whole cluster may be away, and this address as good as any.
      if (this.#open > 0) this.#advertised.set(address, 'tried');
      else this.#advertised.delete(address);
    }
    let isOpen = false;
    return {
      connected: () => {
        isOpen = isEntered;
        if (isEntered) this.#open += 1;
        else this.#advertised.set(address, 'reached');
      },
      closed: () => {
        if (isOpen) this.#open -= 1;
        isOpen = false;
      },
    };
  }

  /** Whether `broker` is an address that the cluster gave out and that never led to it. */
  isMisnamed(broker: string): boolean {
    const address = withColons(broker);
    return !this.#isEntered(address) && this.#advertised.get(address) === 'tried';
  }

  #isEntered(address: string): boolean {
    return this.#entered.some((entered) => sameAddress(entered, address));
  }
}
