import type { Job, JobAnswer } from './jobs.ts';

/** A job as JSON text, with the body of its request beside it: a kilobyte less to escape and to parse. */
export function packJob(job: Job): { job: string; body: string } {
  if (job.kind !== 'normalise') return { job: JSON.stringify(job), body: '' };
  return { job: JSON.stringify({ ...job, request: { ...job.request, rawBody: '' } }), body: job.request.rawBody };
}

export function unpackJob(text: string, body: string): Job {
  const job: Job = JSON.parse(text);
  return job.kind === 'normalise' ? { ...job, request: { ...job.request, rawBody: body } } : job;
}

/** Takes the signals out of an answer that has some; they travel beside it. */
export function takeSignals(answer: JobAnswer): string {
  if (!('result' in answer) || !('signals' in answer.result)) return '';
  const { signals } = answer.result;
  answer.result.signals = '';
  return signals;
}

export function unpackAnswer(text: string, signals: string): JobAnswer {
  const answer: JobAnswer = JSON.parse(text);
  if ('result' in answer && 'signals' in answer.result) answer.result.signals = signals;
  return answer;
}
