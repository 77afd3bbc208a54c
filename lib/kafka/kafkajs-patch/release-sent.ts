/** What kafkajs's connections put into their request queue. */
interface PushedRequest {
  /** Writes the request; called once. */
  sendRequest: () => void;
}

/**
 * Makes kafkajs let go of a request's bytes, and so of the frames in it, once they are handed to the socket.
 *
 * Its queue keeps a request in a Map until it is answered, bytes included. Each time V8 makes a new table for a Map,
 * which here is every few requests, the old table keeps its entries and leads to the new one
 * (https://github.com/v8/v8/blob/11.3.244/src/objects/ordered-hash-table.cc, `Rehash`). Once one such table is old,
 * minor collections take it for alive, and with it all later tables and the frames in them: memory that only a marking
 * of the whole heap frees, and that makes V8 do one every second. No Map or Set that lives long may lead to frames.
 */
export function installReleaseSent(): void {
  const { prototype } = require('kafkajs/src/network/requestQueue') as {
    prototype: { push(request: PushedRequest): void };
  };
  const { push } = prototype;
  prototype.push = function (request) {
    let write: (() => void) | undefined = request.sendRequest;
    const sendOnce = () => {
      const now = write;
      write = undefined;
      now?.();
    };
    push.call(this, { ...request, sendRequest: sendOnce });
  };
}
