// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {StreamsLookupCompatibleInterface} from "@chainlink/contracts/src/v0.8/automation/interfaces/StreamsLookupCompatibleInterface.sol";
import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IChainlinkFeed} from "../../interfaces/IChainlinkFeed.sol";
import {IPerpMarket} from "../../interfaces/IPerpMarket.sol";
import {IPriceOracle} from "../../interfaces/IPriceOracle.sol";
import {IStreamsOracle} from "../../interfaces/IStreamsOracle.sol";
import {IUpkeep} from "../../interfaces/IUpkeep.sol";
import {Errors} from "../../libraries/Errors.sol";
import {OracleBase} from "../../oracles/OracleBase.sol";
import {Shard, UpkeepConfig} from "../../types/Upkeep.sol";

/// @notice What all upkeeps share: who may perform, who is paid, and how reports are looked up, paid for and verified.
abstract contract UpkeepBase is IUpkeep, Ownable2Step, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev A word of performData, and what a report takes beside its own bytes: offset and length.
    uint256 internal constant WORD = 32;
    uint256 private constant REPORT_HEAD = 2 * WORD;

    /// @inheritdoc IUpkeep
    IPerpMarket public immutable market;

    /// @inheritdoc IUpkeep
    IStreamsOracle public immutable streams;

    /// @inheritdoc IUpkeep
    address public immutable feeToken;

    /// @inheritdoc IUpkeep
    bool public immutable paysNative;

    /// @inheritdoc IUpkeep
    uint256 public immutable maxPerformData;

    IPriceOracle internal immutable _oracle;

    /// @dev The oracle's feed of the collateral token, zero if it has none.
    IChainlinkFeed internal immutable _collateralFeed;

    /// @inheritdoc IUpkeep
    address public rewardTo;

    /// @inheritdoc IUpkeep
    bool public restricted;

    /// @inheritdoc IUpkeep
    mapping(address account => bool) public isForwarder;

    modifier onlyPerformer() {
        if (restricted && !isForwarder[msg.sender]) revert Errors.UpkeepCallerNotForwarder(msg.sender);
        _;
    }

    constructor(IPerpMarket market_, UpkeepConfig memory config) Ownable(config.owner) {
        address oracle = address(market_.oracle());
        if (config.streams != address(0) && config.streams != oracle)
            revert Errors.UpkeepOracleForeign(config.streams, oracle);
        market = market_;
        _oracle = IPriceOracle(oracle);
        _collateralFeed = OracleBase(oracle).collateralFeed();
        streams = IStreamsOracle(config.streams);
        feeToken = config.feeToken;
        paysNative = config.paysNative;
        maxPerformData = config.maxPerformData;
        _setRewardTo(config.rewardTo);
    }

    /// @dev Native for fees, and what the oracle gives back of it.
    receive() external payable {}

    /* OWNER */

    /// @inheritdoc IUpkeep
    function setRewardTo(address to) external onlyOwner {
        _setRewardTo(to);
    }

    /// @inheritdoc IUpkeep
    function setForwarder(address forwarder, bool allowed) external onlyOwner {
        isForwarder[forwarder] = allowed;
        emit ForwarderSet(forwarder, allowed);
    }

    /// @inheritdoc IUpkeep
    function setRestricted(bool on) external onlyOwner {
        restricted = on;
        emit RestrictionSet(on);
    }

    /// @inheritdoc IUpkeep
    function withdraw(address token, address to, uint256 amount) external onlyOwner {
        if (to == address(0)) revert Errors.ZeroAddress();
        emit Withdrawn(token, to, amount);
        if (token == address(0)) Address.sendValue(payable(to), amount);
        else IERC20(token).safeTransfer(to, amount);
    }

    /* CHECKS */

    /// @inheritdoc StreamsLookupCompatibleInterface
    function checkErrorHandler(uint256, bytes memory) external pure returns (bool, bytes memory) {
        // Whatever kept the report away: the next check asks again.
        return (false, "");
    }

    function _shardOf(bytes memory checkData) internal pure returns (Shard memory s) {
        s = abi.decode(checkData, (Shard));
        if (s.shard >= s.shards || s.limit == 0) revert Errors.UpkeepShardInvalid(s.shard, s.shards, s.limit);
    }

    function _isOnStreams() internal view returns (bool) {
        return address(streams) != address(0);
    }

    /// @dev Asks for the report that holds `time`, seconds.
    function _lookUp(uint256 time, bytes memory extraData) internal view {
        string[] memory feeds = new string[](1);
        feeds[0] = Strings.toHexString(uint256(streams.streamId()), 32);
        revert StreamsLookup("feedIDs", feeds, "timestamp", time, extraData);
    }

    /// @dev Whether these reports are of the market's stream, and the upkeep can pay for them.
    function _usable(bytes[] memory reports, bytes32 feedId) internal view returns (bool) {
        if (reports.length != 1 || feedId != streams.streamId()) return false;
        return _balance() >= streams.feeFor(reports, feeToken);
    }

    /// @dev How many items of `size` bytes fit into performData beside `head` bytes and the reports, `limit` at most.
    function _room(
        uint256 head,
        uint256 size,
        bytes[] memory reports,
        uint256 limit
    ) internal view returns (uint256) {
        for (uint256 i; i < reports.length; ++i) {
            head += REPORT_HEAD + ((reports[i].length + WORD - 1) / WORD) * WORD;
        }
        uint256 most = maxPerformData > head ? (maxPerformData - head) / size : 0;
        return most < limit ? most : limit;
    }

    /* PERFORM */

    /// @dev Has reports verified and kept. One a call, so that useless ones can't use up what is kept for fees. Returns what
    /// that costs.
    function _submit(bytes[] memory reports) internal returns (uint256 fee) {
        if (reports.length == 0) return 0;
        if (!_isOnStreams() || reports.length > 1) revert Errors.UpkeepReportsUnexpected(reports.length);
        fee = streams.feeFor(reports, feeToken);
        uint256 balance = _balance();
        if (balance < fee) revert Errors.UpkeepFeeUnfunded(balance, fee);
        if (!paysNative && fee != 0) IERC20(feeToken).forceApprove(address(streams), fee);
        streams.submit{value: paysNative ? fee : 0}(reports, feeToken);
    }

    /* INTERNAL */

    function _balance() private view returns (uint256) {
        return paysNative ? address(this).balance : IERC20(feeToken).balanceOf(address(this));
    }

    function _setRewardTo(address to) private {
        if (to == address(0)) revert Errors.ZeroAddress();
        rewardTo = to;
        emit RewardToChanged(to);
    }
}
