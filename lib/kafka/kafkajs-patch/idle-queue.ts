/** The parts of kafkajs's queue of one connection's requests that are used here. */
export interface RequestQueue {
  /** Requests that wait until they may be sent. */
  pending: unknown[];
  /** Requests that are sent and not answered, by their number. */
  inflight: Map<number, SentRequest>;
  /** Ms since the epoch until when the broker wants no requests. */
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  requestTimeoutIntervalId: NodeJS.Timeout | undefined;
  enforceRequestTimeout: boolean;
  canSendSocketRequestImmediately(): boolean;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
  scheduleRequestTimeoutCheck(): void;
  sendSocketRequest(request: SentRequest): void;
  fulfillRequest(response: { correlationId: number; payload: Buffer; size: number }): void;
}

interface SentRequest {
  /** Ms since the epoch; null where sending failed. */
  sentAt: number | null;
  /** Ms. */
  requestTimeout: number;
  timeoutRequest(): void;
}

/**
 * Makes kafkajs's connections sleep while there is nothing to do. As it is, each one looks for requests to send every
 * millisecond for as long as it is open (its timer is set to a time long past, of which Node 24 warns, too), and ten
 * times a second for requests that took too long: https://github.com/tulios/kafkajs/issues/1556, /1704, /1751.
 * Here there are timers only while something is to happen by time alone, and they are set to that time.
 */
export function installIdleQueue(): void {
  const { prototype } = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
  const { sendSocketRequest, fulfillRequest } = prototype;

  prototype.scheduleCheckPendingRequests = function () {
    if (this.pending.length === 0 || this.throttleCheckTimeoutId) return;
    const wait = this.throttledUntil - Date.now();
    // Held up by others that are in flight: when one of them is answered or given up, the queue is looked at anyway.
    if (wait <= 0 && !this.canSendSocketRequestImmediately()) return;
    // Where the throttle ended between two looks at the clock, nobody else would look: tulios/kafkajs#1532.
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      Math.max(1, wait),
    );
  };

  // Called when connected: nothing is in flight yet, so nothing can time out.
  prototype.scheduleRequestTimeoutCheck = () => {};

  prototype.sendSocketRequest = function (request) {
    try {
      sendSocketRequest.call(this, request);
    } finally {
      watchTimeouts(this);
    }
  };

  prototype.fulfillRequest = function (response) {
    fulfillRequest.call(this, response);
    watchTimeouts(this);
  };
}

/** Ms: a timer that is set to more than 2 ** 31 goes off at once. */
const longestTimer = 2 ** 30;

/** Has the requests in flight given up when their time is over. */
function watchTimeouts(queue: RequestQueue): void {
  clearTimeout(queue.requestTimeoutIntervalId);
  if (!queue.enforceRequestTimeout || queue.inflight.size === 0) return;
  const now = Date.now();
  let wait = longestTimer;
  for (const { sentAt, requestTimeout } of queue.inflight.values()) {
    wait = Math.min(wait, (sentAt ?? 0) + requestTimeout - now);
  }
  queue.requestTimeoutIntervalId = setTimeout(() => {
    // Not from a copy: the first one that times out may cost the connection, and so all the others.
    for (const request of queue.inflight.values()) {
      if (Date.now() - (request.sentAt ?? 0) > request.requestTimeout) request.timeoutRequest();
    }
    watchTimeouts(queue);
  }, Math.max(0, wait) + 1);
}
