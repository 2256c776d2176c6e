import type { KubernetesObject } from '../api/object.ts';
import { parserOf, type Resource } from '../api/resource.ts';

/** certificates.k8s.io/v1 CertificateSigningRequest. */
export interface CertificateSigningRequest extends KubernetesObject {
  readonly spec: {
    /** PEM of a PKCS #10 request, in base64. */
    readonly request: string;
    readonly signerName: string;
    readonly usages: readonly string[];
    readonly expirationSeconds?: number;
    /** Who asks, as the API server knows them; it writes this itself. */
    readonly username?: string;
  };
  readonly status?: {
    /** PEM of the certificate and those that signed it, in base64. */
    readonly certificate?: string;
    readonly conditions?: readonly CertificateSigningRequestCondition[];
  };
}

/** What was decided about a request. */
export interface CertificateSigningRequestCondition {
  readonly type: 'Approved' | 'Denied' | 'Failed';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
}

export const certificateSigningRequests: Resource<CertificateSigningRequest> = {
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  namespaced: false,
  parse: parserOf('CertificateSigningRequest'),
};
