/* Written for this test, in the form that cbindgen gives. */

#ifndef TOOLKIT_H
#define TOOLKIT_H

#include <stdint.h>

/**
 * The number that both sides agree on.
 */
#define AGENT_FFI_ABI_VERSION 7

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

#endif  /* TOOLKIT_H */
