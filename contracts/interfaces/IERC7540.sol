// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Operators of ERC-7540: accounts that manage the requests of another one.
interface IERC7540Operator {
    event OperatorSet(address indexed controller, address indexed operator, bool approved);

    /// @notice Lets `operator` request, cancel and claim for the caller, or no longer. Always returns true.
    function setOperator(address operator, bool approved) external returns (bool);

    function isOperator(address controller, address operator) external view returns (bool);
}

/// @notice Asynchronous redemption of ERC-7540. Its claims are ERC-4626's `redeem` and `withdraw`.
interface IERC7540Redeem {
    event RedeemRequest(
        address indexed controller,
        address indexed owner,
        uint256 indexed requestId,
        address sender,
        uint256 shares
    );

    /// @notice Takes `shares` of `owner` into a request that `controller` holds. By the owner, their operator, or
    /// within an allowance of shares. Reverts: ZeroAmount, ZeroAddress, ERC20InsufficientAllowance,
    /// ERC20InsufficientBalance.
    /// @return requestId Always 0.
    function requestRedeem(
        uint256 shares,
        address controller,
        address owner
    ) external returns (uint256 requestId);

    /// @notice Shares requested and not yet redeemed; 0 for an id other than 0. Where a batch was redeemed in part and not
    /// all have taken up theirs, to a unit.
    function pendingRedeemRequest(
        uint256 requestId,
        address controller
    ) external view returns (uint256 shares);

    /// @notice Shares redeemed and not yet claimed; 0 for an id other than 0. Rounded as `pendingRedeemRequest`.
    function claimableRedeemRequest(
        uint256 requestId,
        address controller
    ) external view returns (uint256 shares);
}

/// @notice Cancellation of requests to redeem, as ERC-7887 (a draft) has it. Here no cancellation is ever pending.
interface IERC7887Redeem {
    event CancelRedeemRequest(address indexed controller, uint256 indexed requestId, address sender);
    event CancelRedeemClaim(
        address indexed controller,
        address indexed receiver,
        uint256 indexed requestId,
        address sender,
        uint256 shares
    );

    /// @notice Takes all pending shares of `controller` out of their request; they can be claimed at once. By the
    /// controller or their operator. Reverts: NotRequestOperator, NothingRequested, RedeemBatchDue.
    function cancelRedeemRequest(uint256 requestId, address controller) external;

    /// @notice Gives the shares of a cancelled request to `receiver`. By the controller or their operator. Reverts:
    /// NotRequestOperator, NothingRequested.
    function claimCancelRedeemRequest(uint256 requestId, address receiver, address controller) external;

    function pendingCancelRedeemRequest(
        uint256 requestId,
        address controller
    ) external view returns (bool isPending);

    /// @notice Shares of a cancelled request, not yet claimed.
    function claimableCancelRedeemRequest(
        uint256 requestId,
        address controller
    ) external view returns (uint256 shares);
}

/// @notice The part of ERC-7575 that ERC-4626 doesn't have.
interface IERC7575Share {
    /// @notice The token of the shares: the vault itself.
    function share() external view returns (address);
}
