// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPerpLens} from "./IPerpLens.sol";
import {IUpkeep} from "./IUpkeep.sol";

/// @notice Liquidates the positions of a market. Ids come in words of 256; the words with a live position are dealt out to
/// the shards in turn. A check begins at another word each block and goes on as far as its gas does, so that each id is
/// looked at within as many blocks as the shard has words, if the registry checks in each of them. A check costs about
/// 25,000 gas a live position; one that can't do all of them in one block wants more shards.
/// The gas limit of an upkeep is 2 million at least.
///
/// performData is `abi.encode(bytes[] reports, uint256[] ids, uint256[] words)`: reports to verify (at most one), positions
/// to liquidate, words to forget.
///
/// `performUpkeep` reverts: UpkeepCallerNotForwarder, UpkeepReportsUnexpected, UpkeepFeeUnfunded, UpkeepNothingDone, what
/// the streams oracle refuses a report with.
interface ILiquidationUpkeep is IUpkeep {
    /// @notice Closed positions of a word are left out of all later checks. `gone` has a bit for each of its 256 ids.
    event WordForgotten(uint256 indexed word, uint256 gone);

    function lens() external view returns (IPerpLens);

    /// @notice Which of the ids 256 · word + bit are known to be closed.
    function goneOf(uint256 word) external view returns (uint256 gone);

    /// @notice Words with ids that are not known to be closed, of one shard, ascending.
    function wordsOf(uint256 shard, uint256 shards) external view returns (uint256[] memory words);

    /// @notice Marks the closed positions of these words: their ids are never used again. Anyone. About 5,500 gas for each
    /// id not yet marked. Returns how many words changed.
    function forget(uint256[] calldata words) external returns (uint256 changed);
}
