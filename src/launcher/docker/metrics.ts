import { Histogram, type Registry } from 'prom-client';

/** Fabric's one metric of its Docker controller (contract 15). */
export class DockerMetrics {
  readonly #build: Histogram<'chaincode' | 'success'>;

  constructor(registry: Registry) {
    this.#build = new Histogram({
      name: 'dockercontroller_chaincode_container_build_duration',
      help: 'The time to build a chaincode image in seconds.',
      labelNames: ['chaincode', 'success'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    });
  }

  /** @param cname `‹name›:‹version›` */
  observeBuild(cname: string, success: boolean, seconds: number): void {
    this.#build.observe({ chaincode: cname, success: String(success) }, seconds);
  }
}
