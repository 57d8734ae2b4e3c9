//! Takes batches of lines, hands on files, the catalogue and cursors; never knows rings or records.
