import { isApiError } from '../../kubernetes/api/api-error.ts';

/** What is read; `undefined` where the API server has no such object. */
export async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
}
