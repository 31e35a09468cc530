// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LibBit} from "solady/src/utils/LibBit.sol";
import {ILiquidationUpkeep} from "../../interfaces/ILiquidationUpkeep.sol";
import {IPerpMarket} from "../../interfaces/IPerpMarket.sol";

/// @notice Which position ids a walk can leave out. Ids only grow and never come back, so one that was closed stays so: a
/// bit for each, and a bit for each word of 256 that is closed altogether. A walk then costs what is open, not what ever was.
abstract contract PositionRegister is ILiquidationUpkeep {
    uint256 internal constant WORD_BITS = 8;
    uint256 internal constant WORD_MASK = 255;

    /// @dev Gas to look at a whole word and store what was found.
    uint256 internal constant FORGET_GAS = 1_600_000;

    /// @dev Bit i: position 256 · word + i is closed.
    mapping(uint256 word => uint256) private _gone;

    /// @dev Bit i: all positions of word 256 · group + i are.
    mapping(uint256 group => uint256) private _goneWords;

    /// @inheritdoc ILiquidationUpkeep
    function goneOf(uint256 word) external view returns (uint256 gone) {
        return _gone[word];
    }

    /// @inheritdoc ILiquidationUpkeep
    function wordsOf(uint256 shard, uint256 shards) public view returns (uint256[] memory words) {
        uint256 end = _market().nextPositionId();
        // Ids start at 1.
        if (end == 1) return words;
        uint256 last = (end - 1) >> WORD_BITS;
        uint256 total;
        for (uint256 group; group <= last >> WORD_BITS; ++group) {
            total += LibBit.popCount(_openWords(group, last));
        }
        words = new uint256[](total > shard ? (total - shard - 1) / shards + 1 : 0);
        uint256 index;
        for (uint256 group; group <= last >> WORD_BITS; ++group) {
            uint256 open = _openWords(group, last);
            for (; open != 0; ++index) {
                uint256 bit = LibBit.ffs(open);
                open &= open - 1;
                if (index % shards == shard) words[index / shards] = (group << WORD_BITS) | bit;
            }
        }
    }

    /// @inheritdoc ILiquidationUpkeep
    function forget(uint256[] calldata words) external returns (uint256 changed) {
        return _forget(words, 0);
    }

    /* INTERNAL */

    function _market() internal view virtual returns (IPerpMarket);

    /// @dev Goes on while there is `gas` left.
    function _forget(uint256[] memory words, uint256 gas) internal returns (uint256 changed) {
        uint256 end = _market().nextPositionId();
        for (uint256 i; i < words.length && gasleft() >= gas; ++i) {
            if (_forgetWord(words[i], end)) ++changed;
        }
    }

    /// @dev Ids of a word that exist and are not known to be closed.
    function _openIds(uint256 word, uint256 end) internal view returns (uint256 open) {
        return word > (end - 1) >> WORD_BITS ? 0 : _below(~_gone[word], end, word);
    }

    /* PRIVATE */

    function _forgetWord(uint256 word, uint256 end) private returns (bool) {
        uint256 closed;
        for (uint256 open = _openIds(word, end); open != 0; open &= open - 1) {
            uint256 bit = LibBit.ffs(open);
            if (_market().ownerOrZero((word << WORD_BITS) | bit) == address(0)) closed |= 1 << bit;
        }
        if (closed == 0) return false;
        uint256 gone = _gone[word] | closed;
        _gone[word] = gone;
        if (gone == type(uint256).max) _goneWords[word >> WORD_BITS] |= 1 << (word & WORD_MASK);
        emit WordForgotten(word, gone);
        return true;
    }

    function _openWords(uint256 group, uint256 last) private view returns (uint256) {
        return _below(~_goneWords[group], last + 1, group);
    }

    /// @dev The bits of a group of 256 that stand for numbers below `end`.
    function _below(uint256 bits, uint256 end, uint256 group) private pure returns (uint256) {
        return group == end >> WORD_BITS ? bits & ((1 << (end & WORD_MASK)) - 1) : bits;
    }
}
