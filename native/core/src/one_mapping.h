// For builds with FR_TEST_HOOKS: one mapping of an object for all handles of the process.
//
// A writer and its readers map the same file at different addresses. ThreadSanitizer watches
// addresses, so between two threads of one process it would see nothing of the protocol. With this
// switched on they all get the same address, and every access that the handshakes fail to order is
// reported. The price is what separate mappings give: a stray write into a view is everybody's, and
// no fault is answered.
#pragma once

#ifdef FR_TEST_HOOKS

#include <cstddef>
#include <cstdint>

namespace framering {

// Before the first ring is made or opened, and never off again.
void share_one_mapping();
bool one_mapping_shared();

// Where `offset` of the file stands, mapped when it is not yet. nullptr with errno set.
uint8_t* borrow_mapping(int fd, uint64_t offset);
// Gives back what borrow_mapping gave; the last one unmaps the file.
void return_mapping(const uint8_t* address);

}  // namespace framering

#endif
