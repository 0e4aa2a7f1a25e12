/* Written for this test, in the form that cbindgen gives. */

#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdint.h>

/** Most items in one call. */
#define AGENT_SAMPLE_LIMIT 0x1000

#define AGENT_SAMPLE_UNDOCUMENTED -3

/**
 * The digest.
 */
uint32_t agent_sample_digest(void);

/**
 * Every kind of argument.
 *
 * Second paragraph, with `code`:
 *   - an indented item.
 *
 * @bytes page
 * @content value
 * @flag last
 * @count limit
 * @result view
 * @expect 12 * min(limit, lengths_count) + query_len
 *
 * # Safety
 * The pointers are what they say.
 */
int32_t agent_sample_everything(double handle,
                                const uint8_t *query,
                                uint32_t query_len,
                                const uint8_t *page,
                                uint32_t page_len,
                                const uint8_t *value,
                                uint32_t value_len,
                                const uint8_t *strings,
                                uint32_t strings_len,
                                const uint32_t *lengths,
                                uint32_t lengths_count,
                                const uint32_t *program,
                                uint32_t program_count,
                                const double *weights,
                                uint32_t weights_count,
                                uint32_t last,
                                uint32_t limit,
                                int32_t offset,
                                uint8_t *out,
                                uint32_t out_cap);

/**
 * Two lists, one of them packed by the caller.
 *
 * @packed values
 * @result written
 */
int32_t agent_sample_set_many(double handle,
                              const uint8_t *keys,
                              uint32_t keys_len,
                              const uint32_t *key_lengths,
                              uint32_t key_lengths_count,
                              const uint8_t *values,
                              uint32_t values_len,
                              const uint32_t *value_lengths,
                              uint32_t value_lengths_count,
                              uint8_t *out,
                              uint32_t out_cap);

/**
 * A handle.
 *
 * @result handle
 */
int32_t agent_sample_new(uint8_t *out, uint32_t out_cap);

/**
 * How many, or a negative status.
 */
double agent_sample_count(double handle, const uint8_t *text, uint32_t text_len);

/**
 * Negative numbers are answers.
 *
 * @signed
 */
double agent_sample_balance(double handle);

/**
 * Held in a field.
 *
 * @raw
 */
uint32_t agent_sample_touch(double handle, uint32_t slot);

/**
 * Texts and bytes, on the pool.
 *
 * @content contents
 * @result view
 */
int32_t agent_sample_submit_hash_many(double ring,
                                      uint32_t op,
                                      const uint8_t *contents,
                                      uint32_t contents_len,
                                      const uint32_t *lengths,
                                      uint32_t lengths_count,
                                      uint8_t *out,
                                      uint32_t out_cap);

/**
 * Strings come back.
 *
 * @result strings
 */
int32_t agent_sample_submit_convert(double ring,
                                    uint32_t op,
                                    const uint8_t *pages,
                                    uint32_t pages_len,
                                    const uint32_t *lengths,
                                    uint32_t lengths_count,
                                    uint8_t *out,
                                    uint32_t out_cap);

/**
 * Nothing comes back.
 *
 * @result none
 */
int32_t agent_sample_submit_wait(double ring,
                                 uint32_t op,
                                 double handle,
                                 uint8_t *out,
                                 uint32_t out_cap);

void agent_sample_forget(double handle);

/* A plain comment is no documentation. */
uint8_t agent_sample_flag(void);

#endif  /* SAMPLE_H */
