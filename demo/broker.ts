import { Kafka, logLevel } from 'kafkajs';
import { installPatches } from '../lib/kafka/kafkajs-patch/install';
import { dockerRuns, startDockerBroker } from './broker-docker';
import { missingForJava, startJavaBroker } from './broker-java';
import type { BrokerOptions } from './broker-options';
import { freePort, isFree } from './ports';

export interface Broker {
  /** What clients connect to: `host:port`, comma separated. */
  brokers: string;
  /** Where it came from, for people. */
  origin: string;
  /** Its process, where it is one of ours: not where Docker runs it. */
  pid?: number;
  /** Stops it if it was started here. `stopServices` does so as well. */
  stop(): Promise<void>;
}

const defaultPort = 9092;

/** The broker of the demo: KAFKA_BROKERS, else the one on localhost:9092, else one of our own. */
export async function findOrStartBroker(options: Omit<BrokerOptions, 'port'>): Promise<Broker> {
  const given = process.env.KAFKA_BROKERS;
  if (given) {
    if (await answersAsKafka(given)) return { brokers: given, origin: 'KAFKA_BROKERS', stop: async () => {} };
    throw new Error(`KAFKA_BROKERS is ${given}, but no Kafka answers there. Start it, or unset KAFKA_BROKERS.`);
  }
  const usual = `localhost:${defaultPort}`;
  if (!(await isFree(defaultPort)) && (await answersAsKafka(usual))) {
    return { brokers: usual, origin: 'already running', stop: async () => {} };
  }
  const port = (await isFree(defaultPort)) ? defaultPort : await freePort();
  return startBroker({ ...options, port });
}

/** Starts a broker of our own, with Java and Maven where they are, else with Docker. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const brokers = `localhost:${options.port}`;
  const missing = missingForJava();
  if (missing === undefined) {
    const service = await startJavaBroker(options, answersAsKafka);
    return { brokers, origin: 'started with Java', pid: service.process.pid, stop: () => service.stop() };
  }
  if (dockerRuns()) {
    const service = await startDockerBroker(options, answersAsKafka);
    return { brokers, origin: 'started with Docker', stop: () => service.stop() };
  }
  throw new Error(
    `No Kafka to be had: none answers on localhost:${defaultPort}, ${missing}, and Docker does not run. ` +
      'Install Java 17 and Maven, or Docker, or point KAFKA_BROKERS at a Kafka that runs.',
  );
}

/** Whether a Kafka answers there, without TLS and login. */
export async function answersAsKafka(brokers: string): Promise<boolean> {
  installPatches(); // Without, Node 24 warns of kafkajs's timers where people read.
  const admin = new Kafka({
    brokers: brokers.split(','),
    connectionTimeout: 2000,
    requestTimeout: 2000,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
  }).admin();
  try {
    await admin.connect();
    await admin.describeCluster();
    return true;
  } catch {
    return false; // That is the answer: whoever asked says what it means.
  } finally {
    await admin.disconnect();
  }
}
