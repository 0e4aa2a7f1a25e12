/* Written for this test, in the form that cbindgen gives. */

#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdint.h>

/**
 * The number that both sides agree on.
 */
#define AGENT_FFI_ABI_VERSION 7

/** Most items in one call. */
#define AGENT_SAMPLE_LIMIT 0x1000

#define AGENT_SAMPLE_UNDOCUMENTED -3

/**
 * Why there is no result.
 */
enum agent_status
#if __STDC_VERSION__ >= 202311L
  : int32_t
#endif // __STDC_VERSION__ >= 202311L
 {
  /**
   * The buffer is too small.
   */
  AGENT_STATUS_TOO_SMALL = -1,
  AGENT_STATUS_INVALID_ARGUMENT = -2,
};
#if __STDC_VERSION__ >= 202311L
typedef enum agent_status agent_status;
#else
typedef int32_t agent_status;
#endif // __STDC_VERSION__ >= 202311L

/**
 * The ABI number.
 */
uint32_t agent_ffi_abi_version(void);

/**
 * Waits.
 *
 * @nonblocking
 */
int32_t agent_ffi_wait(double ring);

/**
 * Every type that is known, in both directions.
 *
 * Second paragraph, with `code`:
 *   - an indented item.
 *
 * @fixed key 32
 *
 * # Safety
 * The pointers are what they say.
 */
double agent_sample_everything(const uint8_t *text,
                               uint32_t text_len,
                               const uint32_t *lengths,
                               uint32_t lengths_count,
                               const double *weights,
                               uint32_t weights_count,
                               uint32_t *indices,
                               uint32_t indices_cap,
                               double *scores,
                               uint32_t scores_cap,
                               const uint8_t *key,
                               uint8_t flag,
                               int32_t offset,
                               uint8_t *out,
                               uint32_t out_cap);

void agent_sample_forget(double handle);

/* A plain comment is no documentation. */
uint8_t agent_sample_flag(void);

#endif  /* SAMPLE_H */
