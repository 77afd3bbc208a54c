/** The parts of a connection of kafkajs that are used here. */
interface Connection {
  /** Ms, a Long; 0 where the broker sets no end to a login. */
  sessionLifetime: { toString(): string };
  connect(): Promise<true>;
}

/** Part of a login's lifetime that is left when it is renewed: the Java client does so after 85 to 95 %. */
const partLeft = 0.15;

/**
 * Has kafkajs renew a login (KIP-368) shortly before it ends. As it is, it does so 10 s before: with logins of 10 s or
 * less, before each request, and the broker refuses to renew one twice within a second, as "not valid given the current
 * SASL state". https://github.com/tulios/kafkajs/blob/v2.2.4/src/network/connection.js#L293
 */
export function installReauthenticate(): void {
  const { prototype } = require('kafkajs/src/network/connection') as { prototype: Connection };
  const { connect } = prototype;
  prototype.connect = function () {
    Object.defineProperty(this, 'reauthenticationThreshold', {
      get: () => Math.round(Number(String(this.sessionLifetime)) * partLeft),
      configurable: true,
    });
    return connect.call(this);
  };
}
